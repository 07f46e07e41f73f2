// Which tab of this browser records a meeting, and how another one takes over.
const ANSWER = 300; // ms in which a living tab says that it records
const FAREWELL = 3_000; // ms in which it stops and puts its last sound on the disk

export class Tabs {
  #channel = new BroadcastChannel("meeting-app-live");
  #held = null; // {key, release}

  constructor() {
    this.#channel.addEventListener("message", async ({ data: { say, key } }) => {
      if (key !== this.#held?.key) return;
      if (say === "who") this.#say("held", key);
      if (say === "release") {
        const { release } = this.#held;
        this.#held = null;
        await release();
        this.#say("released", key);
      }
    });
  }

  #say(say, key) {
    this.#channel.postMessage({ say, key });
  }

  #heard(answer, key, patience) {
    return new Promise((resolve) => {
      const listen = ({ data }) => data.say === answer && data.key === key && end(true);
      const end = (isHeard) => {
        clearTimeout(timer);
        this.#channel.removeEventListener("message", listen);
        resolve(isHeard);
      };
      const timer = setTimeout(() => end(false), patience);
      this.#channel.addEventListener("message", listen);
    });
  }

  // This tab records; `release` is called, and waited for, when another one takes over.
  hold(key, release) {
    this.#held = { key, release };
  }
  drop() {
    this.#held = null;
  }

  async isHeldElsewhere(key) {
    const heard = this.#heard("held", key, ANSWER);
    this.#say("who", key);
    return heard;
  }

  async takeOver(key) {
    const heard = this.#heard("released", key, FAREWELL);
    this.#say("release", key);
    return heard;
  }
}
