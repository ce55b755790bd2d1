/**
 * How a command went. `later`: its result comes by `CommandRunner.finished`. `reported`: it has sent, or will
 * send, its own result code, and ends the line.
 */
export type Outcome = 'ok' | 'error' | 'later' | 'reported';
