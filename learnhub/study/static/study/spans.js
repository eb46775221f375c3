/* Sets of media time: sorted disjoint [from, to) pairs of whole milliseconds, as the server keeps them. */

/** Any pairs as sorted disjoint ones; touching ones become one. */
export function normal(pieces) {
  const sorted = pieces.filter(([from, to]) => from < to).sort((one, other) => one[0] - other[0]);
  const merged = [];
  for (const [from, to] of sorted) {
    const last = merged[merged.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/** What is in either. */
export function union(one, other) {
  return normal([...one, ...other]);
}

/** What is in the first and not in the second. */
export function without(one, other) {
  const left = [];
  for (const piece of one) {
    let from = piece[0];
    for (const [start, end] of other) {
      if (end <= from || start >= piece[1]) continue;
      if (start > from) left.push([from, start]);
      from = Math.max(from, end);
    }
    if (from < piece[1]) left.push([from, piece[1]]);
  }
  return left;
}

/** Milliseconds covered. */
export function measure(pieces) {
  return pieces.reduce((sum, [from, to]) => sum + to - from, 0);
}
