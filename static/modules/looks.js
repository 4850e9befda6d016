// Several looks at one picture. Small, noisy and blurred labels are read when they are drawn larger
// or sharper first; a camera gives the next look the next frame, a photograph gets them all.
const MOST_PX = 1600;
// The sharp look costs some 50 ms for a part of this size, so it is small and its turn is rare.
const SHARP_WIDTH = 320;
const SHARP_HEIGHT = 240;
const BLUR_PX = 1.5;
const ROUNDS = 12;
const TURNS = [plain, near, plain, near, sharp];

// From a video to what stands in this frame; bounding boxes are in the frame's own pixels.
export function inTurn(detect) {
  let turn = 0;
  return (source) => TURNS[turn++ % TURNS.length](detect, source);
}

export async function untilRead(detect, source) {
  for (const look of [plain, near, sharp]) {
    const found = await look(detect, source);
    if (found.length) return found;
  }
  return [];
}

function plain(detect, source) {
  return detect(source);
}

// The middle of the frame, twice as large and smoothed.
async function near(detect, source) {
  const { width, height } = sizeOf(source);
  const part = middle(width / 2, height / 2, source);
  const scale = Math.min(2, MOST_PX / part.width);
  return back(await detect(drawn(source, part, scale)), part, scale);
}

// The very middle with the lens's blur taken back: what blurring the result would take away from
// the picture is added to it, round after round (van Cittert).
async function sharp(detect, source) {
  const part = middle(SHARP_WIDTH, SHARP_HEIGHT, source);
  const canvas = drawn(source, part, 1);
  const context = canvas.getContext("2d");
  const image = context.getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Float32Array(canvas.width * canvas.height);
  for (let at = 0; at < seen.length; at += 1) seen[at] = image.data[4 * at + 1];
  const clear = seen.slice();
  for (let round = 0; round < ROUNDS; round += 1) {
    const again = blurred(clear, canvas.width, canvas.height);
    for (let at = 0; at < clear.length; at += 1) {
      clear[at] = Math.min(255, Math.max(0, clear[at] + seen[at] - again[at]));
    }
  }
  for (let at = 0; at < clear.length; at += 1) image.data.fill(clear[at], 4 * at, 4 * at + 3);
  context.putImageData(image, 0, 0);
  const whole = { x: 0, y: 0, width: canvas.width, height: canvas.height };
  return back(await detect(drawn(canvas, whole, 2)), part, 2);
}

function sizeOf(source) {
  return {
    width: source.videoWidth ?? source.width,
    height: source.videoHeight ?? source.height,
  };
}

function middle(width, height, source) {
  const whole = sizeOf(source);
  const part = {
    width: Math.max(1, Math.floor(Math.min(width, whole.width))),
    height: Math.max(1, Math.floor(Math.min(height, whole.height))),
  };
  return { x: (whole.width - part.width) / 2, y: (whole.height - part.height) / 2, ...part };
}

function drawn(source, part, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(part.width * scale));
  canvas.height = Math.max(1, Math.round(part.height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const { x, y, width, height } = part;
  context.drawImage(source, x, y, width, height, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// Where it stands in the frame that the part was cut from.
function back(found, part, scale) {
  return found.map(({ rawValue, format, boundingBox: box }) => ({
    rawValue,
    format,
    boundingBox: {
      x: part.x + box.x / scale,
      y: part.y + box.y / scale,
      width: box.width / scale,
      height: box.height / scale,
    },
  }));
}

function blurred(values, width, height) {
  const across = smeared(values, width, height, 1, width);
  return smeared(across, height, width, width, 1);
}

// One direction of a Gaussian blur: `step` apart within a line, `stride` from line to line.
function smeared(values, length, lines, step, stride) {
  const result = new Float32Array(values.length);
  for (let line = 0; line < lines; line += 1) {
    for (let at = 0; at < length; at += 1) {
      let sum = 0;
      for (let tap = -REACH; tap <= REACH; tap += 1) {
        const from = Math.min(length - 1, Math.max(0, at + tap));
        sum += WEIGHTS[tap + REACH] * values[line * stride + from * step];
      }
      result[line * stride + at * step] = sum;
    }
  }
  return result;
}

const REACH = Math.ceil(3 * BLUR_PX);
const BELL = Array.from({ length: 2 * REACH + 1 }, (_, at) =>
  Math.exp(-((at - REACH) ** 2) / (2 * BLUR_PX ** 2)),
);
const SUM = BELL.reduce((sum, each) => sum + each);
const WEIGHTS = BELL.map((each) => each / SUM);
