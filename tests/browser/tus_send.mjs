// Sends one file with tus-js-client: node tus_send.mjs ADDRESS FILE COOKIE PIECE STOP_AT
// Stops after STOP_AT bytes (0: never), as a person does who closes the lid; a second run goes on where the first ended.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [address, file, cookie, piece, stopAt] = process.argv.slice(2);
const { Upload, FileUrlStorage } = createRequire(import.meta.url)('tus-js-client');

const upload = new Upload(fs.createReadStream(file), {
  endpoint: address,
  headers: { Cookie: cookie },
  chunkSize: Number(piece) || Infinity,
  uploadSize: fs.statSync(file).size,
  metadata: { filename: '第1课 乡村振兴.mp4' },
  retryDelays: Array(60).fill(500),
  urlStorage: new FileUrlStorage(`${file}.urls.json`),
  storeFingerprintForResuming: true,
  fingerprint: async () => 'one-file',
  onProgress: (sent) => {
    if (Number(stopAt) && sent >= Number(stopAt)) process.exit(7);
  },
  onError: (error) => {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => {
    console.log(upload.url);
    process.exit(0);
  },
});
const previous = await upload.findPreviousUploads();
if (previous.length) upload.resumeFromPreviousUpload(previous[0]);
upload.start();
