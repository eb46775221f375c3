/* Reports that are not yet durable, kept in this browser (IndexedDB) so that a later page can hand them in. Where the
   browser allows none, they live as long as the page. */
const NAME = 'learnhub.study';
const TABLE = 'reports';
let opening = null;

function database() {
  if (opening === null) {
    opening = new Promise((resolve) => {
      try {
        const asked = indexedDB.open(NAME, 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(TABLE, { keyPath: 'viewing' });
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => resolve(null);
      } catch (error) {
        resolve(null); // switched off
      }
    });
  }
  return opening;
}

/** What `ask` asks of the table; null when there is none or it refuses (full, private window). */
async function table(mode, ask) {
  const opened = await database();
  if (opened === null) return null;
  return new Promise((resolve) => {
    try {
      const asked = ask(opened.transaction(TABLE, mode).objectStore(TABLE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = (event) => { event.preventDefault(); resolve(null); };
    } catch (error) {
      resolve(null);
    }
  });
}

/** Keep a report {viewing, token, seq, seen, position_ms, at} in place of the viewing's earlier one. */
export function keep(report) {
  return table('readwrite', (reports) => reports.put(report));
}

/** Nothing more is to be handed in for a viewing. */
export function drop(viewing) {
  return table('readwrite', (reports) => reports.delete(viewing));
}

/** Everything that was kept in this browser, whoever was watching. */
export async function everything() {
  return await table('readonly', (reports) => reports.getAll()) || [];
}
