/**
 * A socket that outlives pg's refusal to go on without TLS. A server without TLS answers so and waits for the login; libpq logs in on
 * the same connection, but pg ends it. Held, the socket ignores that end, and looks to the next client like one that connects.
 */
import { Socket } from 'node:net';

export class HeldSocket {
  readonly stream: Socket;

  constructor(stream: Socket = new Socket()) {
    this.stream = stream;
  }

  /** Whether `end` is ignored from now on. `destroy` never is. */
  hold(held: boolean): void {
    if (held) this.stream.end = () => this.stream;
    else Reflect.deleteProperty(this.stream, 'end');
  }

  /** The next `connect` connects nothing: the socket is connected, and says so again. */
  goOn(): void {
    const { stream } = this;
    this.hold(false);
    stream.connect = (): Socket => {
      Reflect.deleteProperty(stream, 'connect');
      process.nextTick(() => stream.emit('connect'));
      return stream;
    };
  }
}
