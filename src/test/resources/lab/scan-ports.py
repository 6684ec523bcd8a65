#!/usr/bin/env python3
"""Prints which TCP ports of some machines are open from this one, one line an address.

    scan-ports.py --source PORT --rate PACKETS --known PORT,PORT ADDRESS...

Sends a SYN to every port, and further ones to the known ports. A port that answers with SYN+ACK is
open, and is told RST. Packets go straight to the network device and come straight from it: this
machine's own firewall has no part in it, and its table of connections does not fill up. Runs as
root, in the machines' own network, and needs no more than Debian's python3-minimal.
"""

import argparse
import array
import errno
import random
import socket
import struct
import sys
import time

# So many packets go out at once. A processor's queue in the kernel has room for 1000.
BURST = 64
# After a delay, so many bursts of those that it cost follow each other without a pause.
MADE_UP_FOR = 3
# The known ports are tried so often, at so many packets a second, with such a pause after each
# time: the kernel repeats an answer after half a second at the earliest.
ROUNDS, SLOWLY, PAUSE = 4, 2000, 0.6
# When no answer has come for so many seconds after the last packet, none is on its way.
QUIET = 1.0
# So many seconds are enough for a machine to tell its hardware address.
PATIENCE = 10

# Linux's, which Python's module leaves out.
SO_ATTACH_FILTER, SO_RCVBUFFORCE, ETH_P_IP = 26, 33, 0x0800
# In the flags of a row of /proc/net/arp: the hardware address is known.
COMPLETE = 0x02

SYN, RST, SYN_ACK, SYN_ACK_RST_FIN = 0x02, 0x04, 0x12, 0x17
ETHERNET, IP, TCP = 14, 20, 20
DONT_FRAGMENT, TIME_TO_LIVE, WINDOW = 0x4000, 64, 1024
# Where a frame has the port that it goes to, followed by the sequence number.
PORT_AND_SEQUENCE = ETHERNET + IP + 2


def main():
    given = arguments()
    scan = Scan(given.addresses, given.source)
    for _ in range(ROUNDS):
        # The pass below leaves out the port that it sends from.
        scan.send(given.source + 1, [*given.known, given.source], SLOWLY)
        scan.listen(PAUSE)
    # In random order, so that a bad moment takes something from every range of ports.
    others = [port for port in range(1, 65536) if port != given.source]
    random.shuffle(others)
    scan.send(given.source, others, given.rate)
    scan.listen(QUIET)
    for address, ports in scan.open.items():
        print(address, *sorted(ports))


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=int, required=True)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--known", type=lambda ports: [int(port) for port in ports.split(",")])
    parser.add_argument("addresses", nargs="+")
    return parser.parse_args()


class Scan:
    """Sends, and notes who answers."""

    def __init__(self, addresses, source):
        self.open = {address: set() for address in addresses}
        # The upper half of the sequence numbers: late answers to another scan have another one.
        self._mark = random.getrandbits(16)
        device, self._hardware = neighbours(addresses)
        self._link = link(device, source, source + 1)

    def send(self, source, ports, rate):
        """A SYN to each port of each address, no faster than so many packets a second."""
        frames = [self._frame(address, source, 0, self._mark << 16, SYN) for address in self.open]
        at_once = max(1, BURST // len(frames))
        takes = at_once * len(frames) / rate
        put = struct.Struct("!HHH").pack_into
        due = time.monotonic()
        for first in range(0, len(ports), at_once):
            for port in ports[first : first + at_once]:
                for frame in frames:
                    # A port and its complement add up to nothing: the checksum stays right.
                    put(frame, PORT_AND_SEQUENCE, port, self._mark, 0xFFFF - port)
                    self._send(frame)
            now = time.monotonic()
            due = max(due + takes, now - MADE_UP_FOR * takes)
            if due > now:
                time.sleep(due - now)

    def listen(self, quiet):
        """Notes answers until none has come for so many seconds."""
        self._link.settimeout(quiet)
        try:
            while True:
                self._note(self._link.recv(256)[ETHERNET:])
        except TimeoutError:
            pass
        self._link.settimeout(None)

    def _frame(self, address, source, port, sequence, flags):
        hardware = self._hardware[address] + self._link.getsockname()[4]
        packet = segment(own_address(address), address, source, port, sequence, flags)
        return bytearray(hardware + struct.pack("!H", ETH_P_IP) + packet)

    def _send(self, frame):
        while True:
            try:
                self._link.send(frame)
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise
            # The next queue is full, and says so.
            time.sleep(0.01)

    def _note(self, packet):
        address = socket.inet_ntoa(packet[12:16])
        header = (packet[0] & 0x0F) * 4
        port, source, _, acknowledged = struct.unpack_from("!HHII", packet, header)
        if address in self.open and acknowledged == (self._mark << 16) + 0x10000 - port:
            self.open[address].add(port)
            # The kernel's own would not get past a firewall that stops the answer. Without any, the
            # port would not answer the next scan for a minute.
            self._send(self._frame(address, source, port, acknowledged, RST))


def neighbours(addresses):
    """The device of this machine at which all the others are, and their hardware addresses."""
    end = time.monotonic() + PATIENCE
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anything:
        while missing := set(addresses) - known_neighbours().keys():
            if time.monotonic() > end:
                fail(f"no machine of this network answers for {', '.join(sorted(missing))}")
            for address in missing:
                anything.sendto(b"", (address, 9))
            time.sleep(0.1)
    found = known_neighbours()
    devices = {found[address][0] for address in addresses}
    if len(devices) > 1:
        fail(f"the machines are at several devices: {', '.join(sorted(devices))}")
    return devices.pop(), {address: found[address][1] for address in addresses}


def known_neighbours():
    """Device and hardware address by address."""
    found = {}
    with open("/proc/net/arp") as table:
        for line in table.readlines()[1:]:
            address, _, flags, hardware, _, device = line.split()
            if int(flags, 16) & COMPLETE:
                found[address] = (device, bytes.fromhex(hardware.replace(":", "")))
    return found


def own_address(other):
    """The address from which this machine talks to the other one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.connect((other, 9))
        return unused.getsockname()[0]


def segment(source, destination, source_port, port, sequence, flags):
    """A packet of TCP without contents, from its IP header on."""
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    kind = socket.IPPROTO_TCP
    ip = struct.pack("!BBHHHBB", 0x45, 0, IP + TCP, 0, DONT_FRAGMENT, TIME_TO_LIVE, kind)
    length_and_flags = TCP // 4 << 12 | flags
    tcp = struct.pack("!HHIIHH", source_port, port, sequence, 0, length_and_flags, WINDOW)
    tcp_sum = checksum(ends + struct.pack("!HH", kind, TCP) + tcp)
    return ip + checksum(ip + ends) + ends + tcp + tcp_sum + b"\0\0"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return struct.pack("!H", 0xFFFF - total)


def link(device, first, second):
    """Sends frames, and hears those with a SYN+ACK to one of the two ports."""
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    frames.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 22)
    filter_frames(frames, first, second)
    # From here on it hears.
    frames.bind((device, ETH_P_IP))
    return frames


def filter_frames(frames, first, second):
    """Lets the kernel leave out all but the SYN+ACKs to these ports: closed ports answer too."""
    # A step is a code, how many steps are skipped if so, how many if not, and a value.
    steps = [
        (0x30, 0, 0, ETHERNET + 9),  # a = the protocol
        (0x15, 0, 7, socket.IPPROTO_TCP),  # is it this one?
        (0xB1, 0, 0, ETHERNET),  # x = the length of the IP header
        (0x50, 0, 0, ETHERNET + 13),  # a = the flags, further on by x
        (0x54, 0, 0, SYN_ACK_RST_FIN),  # a = those of them
        (0x15, 0, 3, SYN_ACK),  # are they these?
        (0x48, 0, 0, ETHERNET + 2),  # a = the port that it goes to, further on by x
        (0x15, 2, 0, first),  # is it this one?
        (0x15, 1, 0, second),  # or this one?
        (0x06, 0, 0, 0),  # no: none of it
        (0x06, 0, 0, 0xFFFF),  # yes: all of it
    ]
    program = array.array("B", b"".join(struct.pack("HBBI", *step) for step in steps))
    where, _ = program.buffer_info()
    frames.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(steps), where))


def fail(why):
    sys.exit(f"scan-ports: {why}")


if __name__ == "__main__":
    main()
