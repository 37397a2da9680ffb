import { createSocket } from "node:dgram";

/** A name server that knows one name. */
export interface Names {
  /** `host:port` at which it is asked. */
  readonly address: string;
  /** What it answers from now on: IPv4 addresses, whatever the name. */
  addresses: readonly string[];
  close(): void;
}

export async function startNames(...initial: string[]): Promise<Names> {
  const socket = createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const names: Names = {
    address: `127.0.0.1:${String(socket.address().port)}`,
    addresses: initial,
    close: () => {
      socket.close();
    },
  };
  socket.on("message", (query, { port, address }) => {
    socket.send(answer(query, names.addresses), port, address);
  });
  return names;
}

const headerLength = 12;
const ipv4 = 1;

/** To a question for IPv4 addresses all of them, to any other none. */
function answer(query: Buffer, addresses: readonly string[]): Buffer {
  // a name ends with an empty label; type and class follow
  const question = query.subarray(headerLength, query.indexOf(0, headerLength) + 5);
  const asksIpv4 = question.readUInt16BE(question.length - 4) === ipv4;
  const records = (asksIpv4 ? addresses : []).map(addressRecord);
  const header = Buffer.alloc(headerLength);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** A pointer to the question's name, type A, class IN, to be kept for no time, four bytes. */
const addressRecord = (address: string): Buffer =>
  Buffer.from([0xc0, headerLength, 0, ipv4, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]);
