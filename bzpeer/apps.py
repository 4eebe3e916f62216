from django.apps import AppConfig


class FrontDoorConfig(AppConfig):
    name = "bzpeer"
    label = "bzpeer"
