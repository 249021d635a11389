export default function handler(_request, response) {
  response.json(globalThis.routes.state());
}
