// The application that a rehearsal deploys: says which version answers, and what its environment says.
const { createServer } = require('node:http');
const { env } = require('node:process');

const greeting = env.GREETING ?? 'hello';

createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`${greeting} from version 1 at ${request.url}\n`);
}).listen(Number(env.PORT), '127.0.0.1');
