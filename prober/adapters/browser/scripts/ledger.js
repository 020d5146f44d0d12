// Keeps the records of things that come and go, the latest of them: a page that reconnects for ever costs no memory.
() => ({ most, isOver, forget = () => {} }) => {
  const records = [];
  let forgotten = 0;

  return {
    records,
    forgotten: () => forgotten,

    // The oldest that is over makes room, else the oldest.
    add(record) {
      if (records.length >= most) {
        const over = records.findIndex(isOver);
        const [old] = records.splice(Math.max(0, over), 1);
        forgotten += 1;
        forget(old);
      }
      records.push(record);
      return record;
    },
  };
}
