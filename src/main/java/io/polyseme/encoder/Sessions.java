package io.polyseme.encoder;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The sessions of one encoder, by the values that they give. Each holds the model's weights as the
 * runtime packs them, so only the few that were used last are kept; one in use is never closed.
 */
final class Sessions implements AutoCloseable {
  private static final int KEPT = 3;

  private final Function<ModelSession.Values, ModelSession> opener;
  private final Map<ModelSession.Values, Held> sessions = new LinkedHashMap<>(8, 0.75f, true);

  private static final class Held {
    final ModelSession session;
    int users;

    Held(ModelSession session) {
      this.session = session;
    }
  }

  /** A session that stays open until this is closed. */
  final class Lease implements AutoCloseable {
    private final Held held;

    private Lease(Held held) {
      this.held = held;
    }

    ModelSession session() {
      return held.session;
    }

    @Override
    public void close() {
      release(held);
    }
  }

  Sessions(Function<ModelSession.Values, ModelSession> opener) {
    this.opener = opener;
  }

  synchronized Lease acquire(ModelSession.Values values) {
    Held held = sessions.get(values);
    if (held == null) {
      held = new Held(opener.apply(values));
      sessions.put(values, held);
    }
    held.users++;
    return new Lease(held);
  }

  private synchronized void release(Held held) {
    held.users--;
    Iterator<Held> eldest = sessions.values().iterator();
    while (sessions.size() > KEPT && eldest.hasNext()) {
      Held candidate = eldest.next();
      if (candidate.users == 0) {
        eldest.remove();
        candidate.session.close();
      }
    }
  }

  @Override
  public synchronized void close() {
    var all = new ArrayList<>(sessions.values());
    sessions.clear();
    all.forEach(held -> held.session.close());
  }
}
