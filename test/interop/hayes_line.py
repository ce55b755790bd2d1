"""A modem at a serial port or pseudo-terminal, driven with the commands of any Hayes manual."""

import errno
import os
import re
import select
import termios
import time
import tty

# What the modem itself says when the carrier goes: the last octets to come, and none of the other side's.
OWN_REPORT = b"\r\nNO CARRIER\r\n"
FAILURES = ("NO CARRIER", "BUSY", "NO DIALTONE", "NO DIAL TONE", "NO ANSWER", "ERROR")


class CallFailed(Exception):
    """No connection: the modem's result code, or its silence."""


class LineReleased(Exception):
    """The carrier is gone; `octets` is what came before and was not read yet."""

    def __init__(self, octets=b""):
        super().__init__(f"the line was released with {len(octets)} octets unread")
        self.octets = octets


class HayesLine:
    def __init__(self, path):
        self.path = path
        self.received = b""
        self.ended = False
        self.handle = self._open(patience_seconds=10)
        # The dial string is 39 characters; auto-answer off; no escape character: file octets may hold `+++`.
        for command in ("ATZ", "ATE0", "ATS0=0", "ATS2=255"):
            self.command(command)

    def _open(self, patience_seconds):
        """The link to a pseudo-terminal is made anew after each call, so it may be missing for a moment."""
        deadline = time.monotonic() + patience_seconds
        while True:
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        tty.setraw(handle)
        attributes = termios.tcgetattr(handle)
        attributes[2] |= termios.CLOCAL | termios.CREAD | termios.HUPCL | termios.CRTSCTS
        attributes[4] = attributes[5] = termios.B115200
        termios.tcsetattr(handle, termios.TCSANOW, attributes)
        return handle

    def _heed_carrier(self):
        """As cu does after CONNECT: from here on the loss of the carrier ends the terminal."""
        attributes = termios.tcgetattr(self.handle)
        attributes[2] &= ~termios.CLOCAL
        termios.tcsetattr(self.handle, termios.TCSANOW, attributes)

    # --- Commands

    def command(self, text):
        self.write(text.encode() + b"\r")
        self._result({"OK"}, 10)
        time.sleep(0.1)

    def dial(self, digits, patience_seconds=120):
        """The rate of the connection, or None where the modem does not say."""
        self.write(b"ATX4DT" + digits.encode() + b"\r")
        return self._connected(patience_seconds)

    def answer(self, patience_seconds):
        self._result({"RING"}, patience_seconds)
        self.write(b"ATA\r")
        return self._connected(120)

    def _connected(self, patience_seconds):
        report = self._result({"CONNECT"}, patience_seconds)
        self._heed_carrier()
        digits = re.search(r"\d+", report)
        return int(digits[0]) if digits else None

    def _result(self, wanted, patience_seconds):
        """The first line that begins with one of `wanted`; echo and other reports pass by."""
        deadline = time.monotonic() + patience_seconds
        while True:
            line = self._read_line(deadline)
            if any(line.startswith(each) for each in wanted):
                return line
            if line.startswith(FAILURES):
                raise CallFailed(line)

    def _read_line(self, deadline):
        while b"\n" not in self.received:
            if not self._fill(deadline - time.monotonic()):
                raise CallFailed("the modem went away" if self.ended else "the modem is silent")
        line, self.received = self.received.split(b"\n", 1)
        return line.decode("ascii", "replace").strip()

    # --- Data

    def read(self, count, patience_seconds):
        """Exactly `count` octets, or TimeoutError, or LineReleased."""
        deadline = time.monotonic() + patience_seconds
        while len(self.received) < count:
            if self._fill(deadline - time.monotonic()):
                continue
            if self.ended:
                raise LineReleased(self.received.removesuffix(OWN_REPORT))
            raise TimeoutError(f"{len(self.received)} of {count} octets in {patience_seconds} s")
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def read_until_release(self, idle_seconds):
        """Everything that the other side sent up to the loss of the carrier."""
        while not self.ended:
            if not self._fill(idle_seconds) and not self.ended:
                raise TimeoutError(f"nothing for {idle_seconds} s, and no release")
        taken, self.received = self.received, b""
        return taken.removesuffix(OWN_REPORT)

    def unread(self):
        """What is there already, without waiting and without taking it."""
        self._fill(0)
        if self.ended:
            raise LineReleased(self.received.removesuffix(OWN_REPORT))
        return self.received

    def write(self, octets):
        """Waits while the modem takes no more; LineReleased when the carrier goes meanwhile."""
        if self.handle is None:
            raise LineReleased(b"")
        while octets:
            _, writable, _ = select.select([], [self.handle], [], 60)
            if not writable:
                raise TimeoutError("the modem took nothing for 60 s")
            try:
                octets = octets[os.write(self.handle, octets) :]
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                self.ended = True
                raise LineReleased(self.received) from error

    def hang_up(self):
        """Drops DTR after the last octet has gone to the modem."""
        if self.handle is None:
            return
        try:
            termios.tcdrain(self.handle)
        except termios.error:
            pass
        os.close(self.handle)
        self.handle = None

    def _fill(self, seconds):
        """Whether something came within the time; a closed terminal sets `ended`."""
        if self.ended:
            return False
        readable, _, _ = select.select([self.handle], [], [], max(0, seconds))
        if not readable:
            return False
        try:
            octets = os.read(self.handle, 65536)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            octets = b""
        self.ended = octets == b""
        self.received += octets
        return not self.ended
