"""The textbook way to take study reports: Flask, Flask-Login, peewee, one commit for each request.

Kept only as what `bench/beats.py` compares with. It believes whatever it is told.
"""

from __future__ import annotations

import os
from typing import Any

import peewee
from flask import Flask, jsonify, request
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user

database = peewee.SqliteDatabase(None, pragmas={"journal_mode": "wal", "synchronous": "full"}, timeout=15)


class User(UserMixin, peewee.Model):  # type: ignore[misc]
    """Somebody who can sign in."""

    name = peewee.CharField(unique=True)

    class Meta:
        database = database


class Watched(peewee.Model):
    """How far somebody is in a lesson."""

    user = peewee.ForeignKeyField(User)
    lesson = peewee.IntegerField()
    seconds = peewee.IntegerField(default=0)

    class Meta:
        database = database
        indexes = ((("user", "lesson"), True),)


def create_app() -> Flask:
    """The application on the file that ``TEXTBOOK_DATABASE`` names."""
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "only for measuring"
    database.init(os.environ["TEXTBOOK_DATABASE"])
    with database:
        database.create_tables([User, Watched])
    logins = LoginManager(app)
    logins.user_loader(lambda key: User.get_or_none(User.id == int(key)))
    app.before_request(lambda: database.connect(reuse_if_open=True) and None)

    @app.teardown_request
    def _close(_error: BaseException | None) -> None:
        if not database.is_closed():
            database.close()

    @app.post("/login/<name>")
    def login(name: str) -> Any:
        """Signs in without a password."""
        login_user(User.get_or_create(name=name)[0])
        return jsonify(signed_in=True)

    @app.post("/progress")
    @login_required
    def progress() -> Any:
        """Adds the seconds that the browser claims."""
        told = request.get_json()
        with database.atomic():
            row, _made = Watched.get_or_create(user=current_user.id, lesson=told["lesson"])
            row.seconds += told["seconds"]
            row.save()
        return jsonify(seconds=row.seconds)

    return app
