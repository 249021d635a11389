export default function handler(request, response) {
  return new Promise((resolve) => {
    request.session.regenerate(() => {
      request.session.userId = request.query.user;
      request.session.save(() => resolve(response.json({})));
    });
  });
}
