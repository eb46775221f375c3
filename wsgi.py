"""For any WSGI server: `wsgi:application` is LearnHub with the settings of the environment."""

from learnhub.app import create_app

application = create_app()
