/* Prints, as JSON, the digests of the style elements that the player's parts write into their shadow roots.

   The pages' policy allows no style elements but those named by digest, and only pages with a player name these. */
import { createHash } from 'node:crypto';
import * as parts from 'media-chrome';

const digests = new Set();
for (const part of Object.values(parts)) {
  const markup = part && part.getTemplateHTML ? part.getTemplateHTML({}, {}) : '';
  for (const [, text] of markup.matchAll(/<style[^>]*>([\s\S]*?)<\/style>/g)) {
    digests.add(`sha256-${createHash('sha256').update(text).digest('base64')}`);
  }
}
console.log(JSON.stringify([...digests].sort(), null, 1));
