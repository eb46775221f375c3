/* The player for a room: the stream, and the whole screen. It reports nothing to anybody's account. */

const RETRY_MS = 4000;
const video = document.getElementById('screen-video');
const address = video.dataset.hls;

/** Load from `start` seconds; a broken line is tried again from where it broke. */
function load(start) {
  const { Hls } = window;
  const stream = new Hls({ abrEwmaDefaultEstimate: 300000, startLevel: 0, startPosition: start });
  stream.on(Hls.Events.ERROR, (name, problem) => {
    if (!problem.fatal) return;
    if (problem.type === Hls.ErrorTypes.MEDIA_ERROR) {
      stream.recoverMediaError();
      return;
    }
    const { currentTime, paused } = video;
    stream.destroy();
    setTimeout(() => {
      load(currentTime);
      if (!paused) video.play();
    }, RETRY_MS);
  });
  stream.loadSource(address);
  stream.attachMedia(video);
}

if (window.Hls && window.Hls.isSupported()) load(0);
else video.src = address;

document.querySelector('[data-full-screen]').addEventListener('click', () => {
  const open = video.requestFullscreen || video.webkitRequestFullscreen;
  if (open) open.call(video);
  video.play();
});

// When a lesson is over, the way to the next one is one key away.
video.addEventListener('ended', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  const next = document.querySelector('.page-actions a');
  if (next) next.focus();
});
