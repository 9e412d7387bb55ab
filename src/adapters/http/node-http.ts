/**
 * Node's HTTP, asked for this way: an `import` of `node:http` reads each of its exports, and the getter of one of them loads
 * all of Node's undici. That is 40 ms of every command and of every `agent stdio`, 5 ms this way (measured, Node 26.10).
 */
export const { Agent, createServer, request } = process.getBuiltinModule('node:http')
