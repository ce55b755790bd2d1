import { userInfo } from 'node:os';
import { expect, test, vi } from 'vitest';
import { systemUser } from '../../src/cli/system-user.js';

vi.mock('node:os', async (original) => ({ ...(await original<object>()), userInfo: vi.fn() }));

test('BL-75 who did it has a name in the books, also in a container whose user has none', () => {
  vi.mocked(userInfo).mockReturnValueOnce({ username: 'anna' } as ReturnType<typeof userInfo>);
  expect(systemUser()).toBe('anna');
  vi.mocked(userInfo).mockImplementationOnce(() => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT');
  });
  expect(systemUser()).toBe(`uid ${process.getuid?.()}`);
});
