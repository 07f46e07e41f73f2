// A WebSocket that comes back by itself and notices when the other side is silent.
const PAUSES = [250, 500, 1_000, 2_000, 4_000]; // ms before each new try; the last one repeats
const IDLE = 3_000; // ms without a word before we ask for one
const DEAD = 9_000; // ms without a word before we take the connection for broken
const FULL = 1_000_000; // bytes that may wait in the browser's own buffer
const RETRY = 50; // ms before looking whether that buffer has room again

export const address = () => {
  const url = new URL(window.meetingApp.url("ws/live"), document.baseURI);
  url.protocol = url.protocol.replace("http", "ws");
  url.search = "";
  return url;
};

export class Connection {
  #socket = null;
  #numTries = 0;
  #timer = 0;
  #lastHeard = 0;
  #isAsked = false;
  #isOver = false;
  #isPumping = false;
  #watch;

  // hello(): the first message; onmessage(event, time); onlost(); take(): see Outbox.
  constructor({ hello, onmessage, onlost, take }) {
    Object.assign(this, { hello, onmessage, onlost, take });
    this.isReady = false; // set by whoever has been welcomed: only then is anything sent
    this.#watch = setInterval(() => this.check(), 1_000);
    this.onnetwork = () => this.#again(0);
    window.addEventListener("online", this.onnetwork);
    this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#isOver || this.#socket) return;
    const socket = new WebSocket(address());
    this.#socket = socket;
    this.#lastHeard = performance.now();
    socket.addEventListener("open", () => {
      this.#lastHeard = performance.now();
      socket.send(JSON.stringify(this.hello()));
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      const now = performance.now();
      [this.#lastHeard, this.#isAsked, this.#numTries] = [now, false, 0];
      this.onmessage(JSON.parse(data), now);
    });
    socket.addEventListener("close", () => this.#lost(socket));
  }

  #lost(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.isReady = false;
    if (this.#isOver) return;
    this.onlost();
    this.#again(PAUSES[Math.min(this.#numTries, PAUSES.length - 1)] * (0.8 + 0.4 * Math.random()));
    this.#numTries += 1;
  }

  #again(pause) {
    if (this.#isOver || this.#socket) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), pause);
  }

  // Also called with every block of sound, as browsers slow the timers of hidden pages down.
  check() {
    const socket = this.#socket;
    if (!socket) return;
    const silence = performance.now() - this.#lastHeard;
    if (silence > DEAD) {
      this.#lost(socket); // not waiting for the farewell of a network that is gone
      socket.close();
    } else if (silence > IDLE && !this.#isAsked && this.isReady) {
      this.#isAsked = true;
      socket.send('{"type":"ping"}');
    }
  }

  // Sends what waits, as fast as the network takes it.
  async pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (this.isReady && this.#socket?.readyState === WebSocket.OPEN) {
        if (this.#socket.bufferedAmount > FULL) {
          setTimeout(() => this.pump(), RETRY);
          return;
        }
        const socket = this.#socket;
        let message = this.take();
        if (message instanceof Promise) message = await message;
        if (message === null) return;
        // What was read for a connection that broke meanwhile is read again for the next one.
        if (socket === this.#socket && this.isReady) socket.send(message);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  close() {
    this.#isOver = true;
    this.isReady = false;
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.onnetwork);
    this.#socket?.close(1000);
    this.#socket = null;
  }
}
