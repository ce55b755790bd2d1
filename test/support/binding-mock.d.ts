/** The package's `exports` hide its types. */
declare module '@serialport/binding-mock' {
  import type { BindingInterface, BindingPortInterface } from '@serialport/bindings-interface';

  interface MockPort extends BindingPortInterface {
    readonly recording: Buffer;
    emitData(data: Buffer | string): void;
  }
  export const MockBinding: BindingInterface<MockPort> & {
    createPort(path: string, options?: { echo?: boolean; record?: boolean }): void;
    reset(): void;
  };
}
