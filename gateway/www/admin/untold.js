// How many completed jobs the stream has left out: it tells of so many at a time, and the numbers of the queues tell of
// all. Either may come before the other; what they differ by all the while was left out.

export function untold() {
  const counted = new Map(); // queue: completed jobs
  let [ahead, least, most] = [0, 0, 0]; // how far the numbers are ahead, and were since take()
  const move = (by) => {
    ahead += by;
    [least, most] = [Math.min(least, ahead), Math.max(most, ahead)];
  };
  const forget = () => {
    counted.clear();
    [ahead, least, most] = [0, 0, 0];
  };
  return {
    tell: (number) => move(-number),
    // Returns whether there are fewer than before: some were deleted.
    count(queue, completed) {
      const before = counted.get(queue) ?? completed;
      counted.set(queue, completed);
      move(Math.max(0, completed - before));
      return completed < before;
    },
    // How many were left out all the while since it was called last. What deletions hid is no debt.
    take() {
      const left = Math.max(0, least);
      ahead -= Math.max(0, least) + Math.min(0, most);
      [least, most] = [ahead, ahead];
      return left;
    },
    forget,
  };
}
