// Offers to put the program on a phone's home screen: it opens at once there, and iOS deletes what is
// not sent after a week without use only elsewhere. Put aside once, it is never offered again here.
const ASIDE = "omlop-install-aside";
const LARGEST_PHONE_PX = 600;

const element = document.querySelector("[data-install]");
const part = (name) => element.querySelector(`[data-install-${name}]`);

const isPhone =
  matchMedia("(pointer: coarse)").matches && Math.min(screen.width, screen.height) < LARGEST_PHONE_PX;
const isOnIos = "standalone" in navigator;
const isInstalled = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

let prompt = null;

function show(way) {
  part(way).hidden = false;
  element.hidden = false;
}

function putAside() {
  try {
    localStorage.setItem(ASIDE, "1");
  } catch {
    // a full phone: it is offered once more
  }
  close();
}

function close() {
  element.hidden = true;
  document.getElementById("main").focus({ preventScroll: true });
}

function offer() {
  part("aside").addEventListener("click", putAside);
  if (isOnIos) {
    show("by-hand");
    return;
  }
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    prompt = event;
    show("now");
  });
  part("now").addEventListener("click", async () => {
    const { outcome } = await prompt.prompt();
    if (outcome === "dismissed") putAside();
    else close();
  });
  addEventListener("appinstalled", close);
}

if (element && isPhone && !isInstalled && !localStorage.getItem(ASIDE)) offer();
