// The camera of a phone as a photo, and the live camera: one frame on its way at a time, always the newest; what the
// camera shows meanwhile is dropped. This is the body of a function of the part: element is given.
const part = name => element.querySelector(`[data-live-${name}]`);
const SIDE = 640;
let stream = null, chosen = null, asked = null, sent = 0, answered = 0, matches = "";

const say = sentence => { if (part("says").textContent !== sentence) part("says").textContent = sentence; };
const pause = time => new Promise(done => setTimeout(done, time));
const number = value => value.toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });

const stop = () => {
  stream?.getTracks().forEach(track => track.stop());
  stream = null;
  asked?.abort();
  part("video").srcObject = null;
  part("matches").innerHTML = matches = "";
  part("panel").hidden = true;
};

const picture = (side, quality) => new Promise(done => {
  const video = part("video"), canvas = document.createElement("canvas");
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  canvas.toBlob(done, "image/jpeg", quality);
});

const draw = ({ size, pieces, chosen: place }) => {
  const canvas = part("marks"), pen = canvas.getContext("2d");
  [canvas.width, canvas.height] = size;
  // Writing as large as the page's, however small the frame is shown.
  const unit = size[0] / Math.max(canvas.clientWidth, 1);
  pen.font = `600 ${14 * unit}px system-ui, sans-serif`;
  pen.textBaseline = "middle";
  pieces.forEach(({ outlines, colour }, n) => {
    const shape = new Path2D(outlines.map(line => `M${line.join("L")}Z`).join(""));
    pen.fillStyle = `rgb(${colour.join(" ")} / ${n === place ? 45 : 25}%)`;
    pen.fill(shape);
    pen.lineWidth = (n === place ? 4 : 2) * unit;
    pen.strokeStyle = "white";
    pen.stroke(shape);
  });
  for (const { name, colour, dot: [x, y] } of pieces) {
    const width = pen.measureText(name).width + 20 * unit, left = Math.min(Math.max(x - width / 2, 0), size[0] - width);
    pen.fillStyle = `rgb(${colour})`;
    pen.beginPath();
    pen.roundRect(left, y - 14 * unit, width, 28 * unit, 14 * unit);
    pen.fill();
    pen.fillStyle = "white";
    pen.fillText(name, left + 10 * unit, y);
  }
};

const show = (answer, point, rate) => {
  draw(answer);
  // The same again would load its pictures anew.
  if (matches !== answer.matches) part("matches").innerHTML = matches = answer.matches;
  // The piece is looked for again where it is now, unless another one was tapped meanwhile.
  const piece = answer.pieces[answer.chosen];
  if (point && point === chosen && piece) chosen = piece.dot.map((edge, n) => edge / answer.size[n]);
  const sentence = answer.pieces.length ? part("says").dataset.rate : part("says").dataset.none;
  say(sentence.replace("{rate}", number(rate)));
  element.dataset.answered = ++answered;
};

const ask = async point => {
  asked = new AbortController();
  const where = point ? `?x=${point[0]}&y=${point[1]}` : "";
  sent++;
  const got = await fetch(`live${where}`, {
    method: "POST", body: await picture(SIDE, 0.8), headers: { "Content-Type": "image/jpeg" }, signal: asked.signal,
  });
  if (!got.ok) throw new Error(got.status);
  return got.json();
};

const look = async mine => {
  let rate = 0;
  while (stream === mine) {
    // Somebody went to another tab of the page.
    if (!part("panel").offsetParent) return stop();
    const began = performance.now(), point = chosen;
    let answer;
    try {
      answer = await ask(point);
    } catch (error) {
      if (stream !== mine) return;
      say(part("says").dataset.lost);
      await pause(1500);
      continue;
    }
    if (stream !== mine) return;
    if (answer.problem) {
      say(answer.problem);
      await pause(1500);
    } else if (answer.dropped) {
      if (answer.says) say(answer.says);
      // Not in step with whoever else waits.
      await pause(150 + Math.random() * 200);
    } else {
      const now = 1000 / (performance.now() - began);
      rate = rate ? 0.8 * rate + 0.2 * now : now;
      show(answer, point, rate);
      // Not while the page is out of sight.
      await new Promise(requestAnimationFrame);
    }
  }
};

// How many frames the camera showed that were never sent.
const count = mine => {
  const video = part("video");
  const next = (now, { presentedFrames }) => {
    if (stream !== mine) return;
    element.dataset.dropped = presentedFrames - sent;
    video.requestVideoFrameCallback(next);
  };
  sent = answered = 0;
  video.requestVideoFrameCallback?.(next);
};

const start = async () => {
  const says = part("says"), video = part("video");
  part("panel").hidden = false;
  part("marks").getContext("2d").reset();
  chosen = null;
  say(says.dataset.starting);
  try {
    if (!navigator.mediaDevices) throw new DOMException("", "SecurityError");
    const opened = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
    });
    if (part("panel").hidden) {
      opened.getTracks().forEach(track => track.stop());
      return;
    }
    stream = opened;
    opened.getTracks()[0].addEventListener("ended", () => { stop(); problem(says.dataset.gone); });
    video.srcObject = opened;
    await video.play();
  } catch (error) {
    stop();
    const kinds = { NotAllowedError: "denied", SecurityError: "insecure", NotFoundError: "missing" };
    problem(says.dataset[kinds[error.name] ?? "broken"]);
    return;
  }
  part("stop").focus({ preventScroll: true });
  part("panel").scrollIntoView({ block: "nearest" });
  count(stream);
  look(stream);
};

const problem = sentence => {
  part("problem").textContent = sentence;
  part("problem").hidden = !sentence;
};

element.addEventListener("click", async event => {
  if (event.target.closest("[data-live-start]")) {
    problem("");
    start();
  } else if (event.target.closest("[data-live-stop]")) {
    stop();
    part("start").focus({ preventScroll: true });
  } else if (event.target.closest("[data-live-take]") && part("video").videoWidth) {
    const photo = await picture(4096, 0.92);
    stop();
    window.fpGive([new File([photo], "live.jpg", { type: "image/jpeg" })]);
  } else if (event.target.closest("[data-live-marks]")) {
    const { left, top, width, height } = part("marks").getBoundingClientRect();
    chosen = [(event.clientX - left) / width, (event.clientY - top) / height];
  }
});
element.addEventListener("change", event => {
  if (event.target.files?.length) window.fpGive([...event.target.files]);
});
// A photo that comes another way takes the camera's place.
document.addEventListener("fp-photo", () => { if (stream) stop(); });
