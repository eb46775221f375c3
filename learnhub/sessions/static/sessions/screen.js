/* The player for a room: the stream, and the whole screen. It reports nothing to anybody's account. */

const video = document.getElementById('screen-video');
const address = video.dataset.hls;
if (window.Hls && window.Hls.isSupported()) {
  const stream = new window.Hls({ abrEwmaDefaultEstimate: 300000, startLevel: 0 });
  stream.loadSource(address);
  stream.attachMedia(video);
} else {
  video.src = address;
}
document.querySelector('[data-full-screen]').addEventListener('click', () => {
  const open = video.requestFullscreen || video.webkitRequestFullscreen;
  if (open) open.call(video);
  video.play();
});
