// A request that says how much of it has left the phone: fetch tells of answers only. Otherwise it is
// sent, ended and answered as fetch would.
const SHOWN_MS = 200;

const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("omlop-upload") : null;
const listeners = new Set();
if (channel) channel.onmessage = ({ data }) => listeners.forEach((each) => each(data));

/** @param {(how: {id: string, sent: number, size: number}) => void} listener  told in any tab */
export function onUpload(listener) {
  listeners.add(listener);
}

function tell(how) {
  for (const each of listeners) each(how);
  channel?.postMessage(how);
}

/**
 * @param {string} id  of the entry that it is
 * @param {{method: string, headers: object, body: FormData}} request
 * @returns {Promise<Response>}  rejected where fetch is: without a network, an answer in time, or with
 *   one that leads elsewhere
 */
export function upload(id, url, { method, headers, body }, patienceMs) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open(method, url);
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.responseType = "blob";
    asked.timeout = patienceMs;
    let told = 0;
    asked.upload.onprogress = ({ loaded: sent, total: size, timeStamp }) => {
      if (timeStamp - told < SHOWN_MS && sent < size) return;
      told = timeStamp;
      tell({ id, sent, size });
    };
    asked.onerror = asked.onabort = asked.ontimeout = ({ type }) => reject(new TypeError(type));
    asked.onload = () => {
      // It follows where it is led, which fetch was told not to: what is there is no answer to this.
      const isHere = asked.responseURL === new URL(url, location.href).href;
      if (isHere) resolve(answerOf(asked));
      else reject(new TypeError("led elsewhere"));
    };
    asked.send(body);
  });
}

const BODILESS = [204, 205, 304];

function answerOf(asked) {
  const lines = asked.getAllResponseHeaders().split("\r\n").filter(Boolean);
  const headers = lines.map((each) => [each.slice(0, each.indexOf(":")), each.slice(each.indexOf(":") + 1)]);
  const body = BODILESS.includes(asked.status) ? null : asked.response;
  return new Response(body, { status: asked.status, headers });
}
