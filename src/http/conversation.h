#pragma once

namespace chancery::http {

// Conversation is one version of HTTP as spoken over one Connection, which calls it on the
// reactor's thread and outlives it.
class Conversation {
 public:
  virtual ~Conversation() = default;
  // begin comes once, after the handshake.
  virtual void begin() = 0;
  // ready: the socket can be read or written again.
  virtual void ready() = 0;
  // resumed: the time has come that Connection::resume asked for.
  virtual void resumed() {}
  // give_up ends what has passed its deadline.
  virtual void give_up() = 0;
  // drain: finish what has begun, then close.
  virtual void drain() = 0;
  // closed: the connection is over; answers that still come are for nobody.
  virtual void closed() = 0;
};

}  // namespace chancery::http
