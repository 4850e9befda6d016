// What a scanned or typed text is. app/fieldwork/reading.py says the same on the server, and
// tests/fieldwork/scanned.py holds both to one table.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 11;
const LOOK_ALIKES = { I: "1", L: "1", O: "0" };
const ADDRESS = /^HTTPS?:\/\/.*\/([IP])\/([0-9A-Z-]{11,13})\/?(?:[?#].*)?$/s;
// Through a hardware scanner that types on a Nordic keyboard: «:» becomes Ø or Ö, «/» becomes «-».
const TYPED_ADDRESS = /^HTTPS?[ØÖ:]--.*-([IP])-([0-9A-Z]{11})-?$/s;

// The Luhn mod 32 check character of ten characters of the alphabet.
export function checkCharacter(body) {
  let total = 0;
  let factor = 2;
  for (const character of [...body].reverse()) {
    const product = ALPHABET.indexOf(character) * factor;
    total += Math.floor(product / 32) + (product % 32);
    factor = 3 - factor;
  }
  return ALPHABET[(32 - (total % 32)) % 32];
}

// Upper case, look-alikes mended, spaces and hyphens gone.
export function fold(typed) {
  const bare = typed.replace(/[\s‐‑–-]+/g, "").toUpperCase();
  return bare.replace(/[ILO]/g, (character) => LOOK_ALIKES[character]);
}

export function isCode(text) {
  return isShaped(text) && checkCharacter(text.slice(0, -1)) === text.at(-1);
}

export function grouped(code) {
  return [code.slice(0, 4), code.slice(4, 8), code.slice(8)].join("-");
}

// {text, kind, code}; kind is piece, place, foreign or wrong-check. Whether a piece's label is
// blank only the server can tell: GET /api/v1/look-up?text=… answers outcome "blank".
export function read(raw) {
  // GS1 codes carry separators that no reader shows.
  const text = raw.replace(/[\u0000-\u001f]/g, " ").trim();
  const upper = text.toUpperCase();
  const address = ADDRESS.exec(upper) ?? TYPED_ADDRESS.exec(upper);
  if (address) {
    const code = fold(address[2]);
    const kind = address[1] === "P" ? "place" : "piece";
    return { text, kind: isCode(code) ? kind : "wrong-check", code };
  }
  const code = fold(text);
  if (isShaped(code)) return { text, kind: isCode(code) ? "piece" : "wrong-check", code };
  return { text, kind: "foreign", code: "" };
}

function isShaped(text) {
  return text.length === LENGTH && [...text].every((each) => ALPHABET.includes(each));
}
