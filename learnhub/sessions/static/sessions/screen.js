/* The player for a room. It reports nothing to anybody's account. */
import { Player } from '../media/player.js';

const player = new Player(document.getElementById('player'), JSON.parse(document.getElementById('player-data').textContent));
player.begin(0, false);

// When a lesson is over, the way to the next one is one key away.
player.video.addEventListener('ended', () => {
  if (document.fullscreenElement) document.exitFullscreen();
  const next = document.querySelector('.page-actions a');
  if (next) next.focus();
});
