// Runs in the page of a board: how smoothly it scrolls, how late ink is on the screen.
window.benchBoards = {
  element: () => {
    const find = (root) => {
      for (const one of root.querySelectorAll("*")) {
        if (one.localName === "hub-board") return one;
        const found = one.shadowRoot && find(one.shadowRoot);
        if (found) return found;
      }
      return null;
    };
    return find(document);
  },

  // Milliseconds since the navigation at which everything in sight is painted.
  opened(strokes) {
    return new Promise((done) => {
      const look = () => {
        const board = this.element();
        const whole = board?.renderRoot.querySelector(".stage")?.dataset.state === "whole";
        if (board?.session?.ready && whole && board.session.items(board.stage.page).size >= strokes) {
          requestAnimationFrame(() => done(performance.now()));
        } else requestAnimationFrame(look);
      };
      look();
    });
  },

  // Frames a second while a hand moves the page, and the longest pause between two of them.
  scrolled(seconds) {
    const { stage } = this.element();
    return new Promise((done) => {
      const began = performance.now();
      let [frames, last, longest] = [0, began, 0];
      const step = (now) => {
        frames += 1;
        longest = Math.max(longest, now - last);
        last = now;
        if (now - began > seconds * 1000) done({ fps: (frames * 1000) / (now - began), longest });
        else {
          const turn = (now - began) / 700;
          stage.pan(-14 * Math.cos(turn), -9 * Math.sin(turn));
          requestAnimationFrame(step);
        }
      };
      requestAnimationFrame(step);
    });
  },

  // Frames a second of a page that moves one picture of the screen's size and nothing else.
  bare(seconds) {
    const canvas = document.createElement("canvas");
    canvas.width = innerWidth * devicePixelRatio;
    canvas.height = innerHeight * devicePixelRatio;
    const context = canvas.getContext("2d");
    context.fillStyle = "#fffefb";
    context.fillRect(0, 0, canvas.width, canvas.height);
    canvas.style.cssText = "position:fixed;inset:0;width:100%;height:100%;will-change:transform;z-index:9999";
    document.body.append(canvas);
    return new Promise((done) => {
      const began = performance.now();
      let frames = 0;
      const step = (now) => {
        frames += 1;
        canvas.style.transform = `translate3d(${frames % 40}px, 0, 0)`;
        if (now - began > seconds * 1000) {
          canvas.remove();
          done((frames * 1000) / (now - began));
        } else requestAnimationFrame(step);
      };
      requestAnimationFrame(step);
    });
  },

  // Milliseconds from each sample of the room's pens to the page, and to the frame after it was
  // painted; frames a second meanwhile.
  ages(seconds) {
    const board = this.element();
    const { others } = board;
    const began = new Map();
    const ages = [];
    const arrived = [];
    let frames = 0;
    let counting = true;
    const count = () => {
      frames += 1;
      if (counting) requestAnimationFrame(count);
    };
    requestAnimationFrame(count);
    const authors = new Set();
    const hear = others.hear.bind(others);
    others.hear = (entries, page) => {
      hear(entries, page);
      const times = [];
      for (const entry of entries) {
        if (entry.item) began.set(entry.stroke, entry.item.time);
        const start = began.get(entry.stroke);
        if (start === undefined || entry.points.length < 8) continue;
        authors.add(entry.document);
        const points = entry.points.slice();
        const view = new DataView(points.buffer);
        const count = view.getUint32(4, true);
        for (let at = 0; at < count; at += 1) times.push(start + view.getUint32(8 + 4 * at, true) / 1000);
      }
      for (const time of times) arrived.push(Date.now() - time);
      // It is painted in the next frame; when the one after that begins it has been shown.
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          for (const time of times) ages.push(Date.now() - time);
        }),
      );
    };
    return new Promise((done) =>
      setTimeout(() => {
        others.hear = hear;
        counting = false;
        done({ ages, arrived, authors: authors.size, fps: frames / seconds });
      }, seconds * 1000),
    );
  },
};
