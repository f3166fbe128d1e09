import { connect } from 'node:net';

/**
 * One keep-alive HTTP/1.1 connection with one request under way, written by hand: the generator
 * shares the machine with what it measures, and an HTTP client costs three times as much.
 */
export interface Connection {
  /** The whole request, as latin1. */
  readonly send: (request: string) => void;
  readonly close: () => void;
  /** Free for the owner: when the request under way should have left. */
  startedAt: number;
}

export interface ConnectionEvents {
  readonly onAnswer: (connection: Connection, status: number) => void;
  readonly onBroken: (connection: Connection, error: Error) => void;
}

export function openConnection(port: number, events: ConnectionEvents): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let isOpen = false;
    let isClosing = false;
    let rest: Buffer | null = null;
    const connection: Connection = {
      send: (request) => {
        socket.write(request, 'latin1');
      },
      close: () => {
        isClosing = true;
        socket.destroy();
      },
      startedAt: 0,
    };
    const fail = (error: Error): void => {
      if (!isOpen) reject(error);
      else if (!isClosing) events.onBroken(connection, error);
      isClosing = true;
      socket.destroy();
    };
    socket.once('connect', () => {
      isOpen = true;
      resolve(connection);
    });
    socket.on('data', (chunk) => {
      const bytes: Buffer = rest === null ? chunk : Buffer.concat([rest, chunk]);
      const answer = readAnswer(bytes);
      rest = answer === null ? bytes : null;
      if (answer !== null) events.onAnswer(connection, answer);
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the server closed the connection')));
  });
}

const headEnd = Buffer.from('\r\n\r\n');
const lengthForm = /\r\ncontent-length: *(\d+)/i;

/** @returns the status once the whole answer is here, else null. */
function readAnswer(bytes: Buffer): number | null {
  const bodyAt = bytes.indexOf(headEnd) + headEnd.length;
  if (bodyAt < headEnd.length) return null;
  const head = bytes.toString('latin1', 0, bodyAt);
  const length = lengthForm.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without content-length: ${head}`);
  if (bytes.length < bodyAt + Number(length)) return null;
  return Number(head.slice(9, 12));
}
