// Reads symbols in pictures and video frames: with the browser's own detector where it has one that
// knows QR, else with the packaged one, which has the same interface.
export const FORMATS = [
  "qr_code", "data_matrix", "ean_13", "ean_8", "upc_a", "code_128", "code_39", "itf",
];

// Gives a function from a video, a picture or a canvas to what stands in it:
// [{rawValue, format, boundingBox}]. Throws when the packaged reader cannot be fetched.
export async function openReader({ script, wasm }, formats = FORMATS) {
  let detector = await own(formats);
  let isOwn = Boolean(detector);
  detector ??= await packaged(script, wasm, formats);
  return async (source) => {
    try {
      return await detector.detect(source);
    } catch (error) {
      if (!isOwn) throw error;
      // Chrome without Play services offers a detector that then refuses every picture.
      isOwn = false;
      detector = await packaged(script, wasm, formats);
      return detector.detect(source);
    }
  };
}

async function own(formats) {
  const known = (await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (!known.includes("qr_code")) return null;
  return new BarcodeDetector({ formats: formats.filter((each) => known.includes(each)) });
}

async function packaged(script, wasm, formats) {
  if (!globalThis.BarcodeDetectionAPI) await load(script);
  const { BarcodeDetector: Packaged, prepareZXingModule } = globalThis.BarcodeDetectionAPI;
  await prepareZXingModule({
    // Without this it would ask another host for the file.
    overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? wasm : prefix + path) },
    fireImmediately: true,
  });
  return new Packaged({ formats });
}

function load(source) {
  return new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: source });
    script.onload = resolve;
    script.onerror = () => {
      script.remove();
      reject(new Error(`${source} did not load`));
    };
    document.head.append(script);
  });
}
