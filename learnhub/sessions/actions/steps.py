"""What every act on a session begins with: take it, check the power, check the step."""

from __future__ import annotations

from learnhub.kernel.db import locked
from learnhub.kernel.errors import Conflict
from learnhub.org.scope import Actor
from learnhub.sessions import queries
from learnhub.sessions.messages import STATES
from learnhub.sessions.models import StationSession
from learnhub.sessions.rules import State, step


def take(actor: Actor, session_id: int, ability: str) -> StationSession:
    """The session, locked until the end of the transaction. Raises NotFound or Forbidden as ``get_session``."""
    list(locked(StationSession.select(StationSession.id).where(StationSession.id == session_id)))
    return queries.get_session(actor, session_id, ability)


def next_state(session: StationSession, act: str) -> State:
    """The state that ``act`` leads to. Raises Conflict ``sessions.wrong_state``."""
    state = step(session.state, act)
    if state is None:
        raise Conflict("sessions.wrong_state", state=STATES[session.state])
    return state
