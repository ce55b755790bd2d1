import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { containerLimits } from '../../../../src/endpoint/container/limits.js';
import { packContent } from '../../../../src/endpoint/container/version-2/pack-content.js';
import type { ContentPiece } from '../../../../src/endpoint/container/version-2/run-writer.js';
import { ContentUnpacker } from '../../../../src/endpoint/container/version-2/unpack-content.js';
import { SimulatedClock } from '../../../../src/time/simulated-clock.js';
import { MemoryTarget, unpackContent } from './memory-target.js';

/** Content that is written when a test says so. */
class Pipe implements AsyncIterable<Uint8Array> {
  readonly #waiting: ((result: IteratorResult<Uint8Array>) => void)[] = [];
  readonly #written: IteratorResult<Uint8Array>[] = [];
  isClosed = false;

  write(text: string): void {
    this.#tell({ done: false, value: Buffer.from(text) });
  }

  end(): void {
    this.#tell({ done: true, value: undefined });
  }

  #tell(result: IteratorResult<Uint8Array>): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(result);
    else this.#written.push(result);
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => {
        const written = this.#written.shift();
        return written ? Promise.resolve(written) : new Promise((resolve) => this.#waiting.push(resolve));
      },
      return: async () => {
        this.isClosed = true;
        return { done: true, value: undefined };
      },
    };
  }
}

/** Packs in the background what the pipe gives. */
function packing(pipe: Pipe) {
  const clock = new SimulatedClock();
  const controller = new AbortController();
  const list: ContentPiece[] = [];
  const work = (async () => {
    const tree = { files: [], live: { name: 'live.txt', content: pipe } };
    const options = { clock, isPadded: false, signal: controller.signal, onPacked: () => {} };
    for await (const piece of packContent(tree, options)) list.push(piece);
  })();
  work.catch(() => undefined);
  /** Lets the compressor's thread and all promises come to rest. */
  const rest = async (isDone: () => boolean) => {
    while (!isDone()) await setImmediate();
  };
  return {
    clock,
    controller,
    list,
    work,
    rest,
    /** The half second has begun. */
    isHoldingBack: () => (clock.nextDeadlineMs() ?? Number.POSITIVE_INFINITY) <= clock.monotonicMs() + 500,
    content: () => Buffer.concat(list.map(({ octets }) => octets)),
  };
}

const closings = (list: readonly ContentPiece[]) => list.filter(({ closesChunk }) => closesChunk).length;

describe('live data', () => {
  test('AL-8 what came is sent half a second after its first octet, and can be read there before anything else comes', async () => {
    const pipe = new Pipe();
    const { clock, list, work, rest, isHoldingBack, content } = packing(pipe);
    const target = new MemoryTarget();
    const written: Buffer[] = [];
    target.writeFile = async (octets) => void written.push(Buffer.from(octets));
    const unpacker = new ContentUnpacker(target, containerLimits);
    let taken = 0;
    const arrived = async () => {
      await unpacker.write(content().subarray(taken));
      taken = content().length;
      return Buffer.concat(written).toString();
    };
    for (const [index, words] of ['one ', 'two ', 'three '].entries()) {
      pipe.write(words);
      await rest(isHoldingBack);
      clock.advance(499);
      await setImmediate();
      expect(closings(list)).toBe(index);
      clock.advance(1);
      await rest(() => closings(list) === index + 1);
      expect(await arrived()).toBe(['one ', 'one two ', 'one two three '][index]);
    }
    pipe.end();
    await work;
    await unpacker.write(content().subarray(taken));
    await unpacker.finish();
    expect((await unpackContent(content())).get('live.txt')?.content.toString()).toBe('one two three ');
  });

  test('AL-8 a pipe that is never silent waits no longer either', async () => {
    const pipe = new Pipe();
    const { clock, list, rest, isHoldingBack } = packing(pipe);
    for (let at = 0; at < 25; at += 1) {
      pipe.write('x');
      await rest(isHoldingBack);
      clock.advance(100);
      await rest(() => closings(list) === Math.floor((at + 1) / 5));
    }
  });

  test('AL-8 a pause is broken every two minutes by an empty run, which is nothing in the file', async () => {
    const pipe = new Pipe();
    const { clock, list, work, rest, isHoldingBack, content } = packing(pipe);
    pipe.write('before ');
    await rest(isHoldingBack);
    clock.advance(500);
    await rest(() => closings(list) === 1);
    const before = content().length;
    for (let pause = 1; pause <= 3; pause += 1) {
      await rest(() => clock.nextDeadlineMs() !== undefined);
      clock.advance(119_999);
      await setImmediate();
      expect(closings(list)).toBe(pause);
      clock.advance(1);
      await rest(() => closings(list) === pause + 1);
    }
    expect(content().length).toBe(before + 15);
    pipe.write('after');
    pipe.end();
    await work;
    expect((await unpackContent(content())).get('live.txt')?.content.toString()).toBe('before after');
  });

  test('AL-8 giving up ends the waiting, closes the source and leaves no timer', async () => {
    const pipe = new Pipe();
    const { clock, controller, work, rest, isHoldingBack } = packing(pipe);
    await rest(isHoldingBack);
    controller.abort(new Error('given up'));
    await expect(work).rejects.toThrow('given up');
    expect(pipe.isClosed).toBe(true);
    expect(clock.nextDeadlineMs()).toBeUndefined();
  });
});
