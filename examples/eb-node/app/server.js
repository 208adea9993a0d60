// The application that a rehearsal deploys: says which version answers, and what its environment says.
const { createServer } = require('node:http');

const greeting = process.env.GREETING ?? 'hello';

createServer((request, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end(`${greeting} from version 1 at ${request.url}\n`);
}).listen(Number(process.env.PORT), '127.0.0.1');
