/* hls.js as the player uses it: `window.Hls`; scripts/vendor.py builds it from hls.js's own source. */
import Hls from '../node_modules/hls.js/src/hls.ts';

window.Hls = Hls;
