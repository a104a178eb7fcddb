"use strict";

// Gradio's document says that it is English, whatever language it then shows.
(() => {
  const first = navigator.language.split("-")[0].toLowerCase();
  document.documentElement.lang = LANGUAGES.includes(first) ? first : "en";
})();

// What was chosen comes into view, calmly where that is wished.
(() => {
  const show = element => {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    element?.scrollIntoView({ behavior, block: "start" });
  };
  window.fpShow = number => show(number ? document.getElementById(`fp-row-${number}`) : null);
  window.fpShowPhoto = () => {
    const photo = document.getElementById("fp-photo");
    const { top, bottom } = photo?.getBoundingClientRect() ?? { top: 0, bottom: 0 };
    if (bottom < 120 || top > innerHeight - 120) show(photo);
  };
})();

// In the list of pieces the arrow keys go from one to the next, as in any list of radio buttons.
document.addEventListener("keydown", event => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (!step || !event.target.matches("#fp-pieces input")) return;
  const all = [...document.querySelectorAll("#fp-pieces input")];
  const next = all[(all.indexOf(event.target) + step + all.length) % all.length];
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.click();
});

// A photo may be dropped or pasted anywhere. The server decides what is a picture: browsers that do not know a
// format (HEIC on most desktops) give its files no type, and would have them refused before they are sent.
(() => {
  const input = () => document.querySelector("#fp-drop input[type=file]");
  const asPictures = files => {
    const transfer = new DataTransfer();
    for (const file of files) {
      const known = file.type.startsWith("image/");
      transfer.items.add(known ? file : new File([file], file.name, { type: "image/unknown" }));
    }
    return transfer.files;
  };
  const give = async files => {
    document.dispatchEvent(new Event("fp-photo"));
    document.querySelector("#fp-tabs button[role=tab]")?.click();
    // A photo that is shown makes room first, so that the drop zone can tell how far the upload is.
    document.querySelector("#fp-another")?.click();
    for (let tries = 0; tries < 100 && !input(); tries++) await new Promise(done => setTimeout(done, 50));
    const target = input();
    if (!target) return;
    target.files = asPictures([files[0]]);
    target.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const take = (event, files) => {
    // What is dropped on the catalogue, or on the wardrobe, is meant for it.
    if (!files?.length || event.target.closest?.("#fp-add, #fp-wardrobe")) return;
    event.preventDefault();
    event.stopPropagation();
    // The browser empties the list once the event is over.
    give([...files]);
  };
  window.fpGive = give;
  document.addEventListener("change", event => {
    const files = event.target === input() ? event.target.files : [];
    if ([...files].some(file => !file.type.startsWith("image/"))) event.target.files = asPictures(files);
  }, true);
  document.addEventListener("dragover", event => event.preventDefault());
  document.addEventListener("drop", event => take(event, event.dataTransfer?.files), true);
  document.addEventListener("paste", event => take(event, event.clipboardData?.files), true);
})();

// “Search from this one” in the wardrobe is answered in the Search tab, once its dialog has closed.
window.fpGoOn = () => {
  if (document.querySelector("#fp-wardrobe-opened dialog")) return;
  document.querySelector('#fp-tabs button[data-tab-id=search]')?.click();
};
