// Where a moment of a job's life is drawn: to scale, but for waits so long that the work beside them could not be seen.
// Those are folded: all of them together take no more room than the work. What is not folded may take more. Pure.

const FOLDED_TIMES = 3, // as long as it is then drawn is a wait at least that is folded,
  FOLDED_MS_MIN = 10000, // and so long
  COUNTED_PART = 0.1; // of the work: a shorter wait takes no room that matters

const lengthOf = ({from, to}) => to - from;

// waits: bars, none above another. {share(at), folds: [{from, to, left, width}]}, left, width and shares in % of the lane.
export function scaleOf(waits, from, to) {
  const work = to - from - waits.reduce((sum, bar) => sum + lengthOf(bar), 0);
  const counted = waits.filter((bar) => lengthOf(bar) > work * COUNTED_PART);
  const drawn = work / Math.max(1, counted.length);
  const least = Math.max(FOLDED_TIMES * drawn, FOLDED_MS_MIN);
  const folded = work > 0 ? counted.filter((bar) => lengthOf(bar) > least) : [];
  // How much of the time before it is left out.
  const leftOut = (at) =>
    folded.reduce((sum, bar) => {
      const part = Math.max(0, Math.min(1, (at - bar.from) / lengthOf(bar)));
      return sum + part * (lengthOf(bar) - drawn);
    }, 0);
  const all = to - from - leftOut(to);
  const share = (at) => Math.max(0, Math.min(100, ((at - from - leftOut(at)) / all) * 100));
  const folds = folded.map((bar) => ({
    from: bar.from,
    to: bar.to,
    left: share(bar.from),
    width: share(bar.to) - share(bar.from),
  }));
  return {share, folds};
}
