// A client of QEMU's control socket. Protocol: https://www.qemu.org/docs/master/interop/qmp-spec.html

import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { createError } from '../../errors.js';

export interface QmpEvent {
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface QmpClient {
  /** The command's return value. Error: SANDBOX_QMP_FAILED when QEMU refuses, does not answer in time, or has gone. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown>;
  onEvent(listener: (event: QmpEvent) => void): void;
  /** Called once, when the connection ends for whatever reason. */
  onClose(listener: () => void): void;
  /** Ends the connection; the machine runs on. */
  close(): void;
}

export interface QmpOptions {
  /** Limit of each command and of the greeting. */
  readonly timeoutMs?: number;
}

interface PendingCommand {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

interface QmpMessage {
  readonly QMP?: unknown;
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
  readonly event?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Connects to a QMP socket and negotiates capabilities. One client at a time: QEMU greets the next when the last has left.
 *
 * Error: SANDBOX_QMP_FAILED when nobody listens or no greeting comes.
 */
export async function connectQmp(socketFile: string, options: QmpOptions = {}): Promise<QmpClient> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const connection = new QmpConnection(connect(socketFile), timeoutMs);
  try {
    await connection.waitForGreeting();
    await connection.execute('qmp_capabilities');
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

class QmpConnection implements QmpClient {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, PendingCommand>();
  readonly #eventListeners: ((event: QmpEvent) => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  #nextId = 1;
  #partialLine = '';
  #closeReason: string | undefined;

  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#split(text));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the connection was closed'));
  }

  /** The greeting is awaited as command 0. */
  waitForGreeting(): Promise<unknown> {
    return this.#await(0, 'its greeting');
  }

  async execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#closeReason !== undefined) throw createError('SANDBOX_QMP_FAILED', [command, this.#closeReason]);
    const id = this.#nextId++;
    const answer = this.#await(id, command);
    this.#socket.write(`${JSON.stringify({ execute: command, ...(args && { arguments: args }), id })}\r\n`);
    return answer;
  }

  onEvent(listener: (event: QmpEvent) => void): void {
    this.#eventListeners.push(listener);
  }

  onClose(listener: () => void): void {
    if (this.#closeReason === undefined) this.#closeListeners.push(listener);
    else listener();
  }

  close(): void {
    this.#socket.destroy();
    this.#end('the connection was closed');
  }

  #await(id: number, command: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(createError('SANDBOX_QMP_FAILED', [command, `no answer within ${this.#timeoutMs / 1_000} s`]));
      }, this.#timeoutMs);
      this.#pending.set(id, { command, resolve, reject, timer });
    });
  }

  #split(text: string): void {
    const lines = (this.#partialLine + text).split('\n');
    this.#partialLine = lines.pop() ?? '';
    for (const line of lines) this.#receive(line);
  }

  #receive(line: string): void {
    const message = parseMessage(line);
    if (message === undefined) return;
    if (message.event !== undefined) {
      const event = { event: message.event, data: message.data ?? {} };
      for (const listener of this.#eventListeners) listener(event);
      return;
    }
    const id = message.QMP === undefined ? message.id : 0;
    const pending = id === undefined ? undefined : this.#pending.get(id);
    if (pending === undefined || id === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (message.error === undefined) pending.resolve(message.return);
    else pending.reject(createError('SANDBOX_QMP_FAILED', [pending.command, message.error.desc]));
  }

  #end(reason: string): void {
    if (this.#closeReason !== undefined) return;
    this.#closeReason = reason;
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(createError('SANDBOX_QMP_FAILED', [pending.command, reason]));
    }
    this.#pending.clear();
    for (const listener of this.#closeListeners) listener();
  }
}

function parseMessage(line: string): QmpMessage | undefined {
  try {
    const message: unknown = JSON.parse(line);
    return typeof message === 'object' && message !== null ? message : undefined;
  } catch {
    return undefined;
  }
}
