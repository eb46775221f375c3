/* A recording that is only looked at: nothing is counted, no place is kept. */
import { Player } from '../media/player.js';

const player = new Player(document.getElementById('player'), JSON.parse(document.getElementById('player-data').textContent));
player.begin(0, false);
