// Loaded before a gateway that would listen on all interfaces and has no setting for it.
const { Server } = require("node:net");

const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  if (typeof port !== "number") return listen.call(this, port, ...rest);
  return listen.call(this, { port, host: "127.0.0.1" }, ...rest.filter((each) => typeof each === "function"));
};
