from profiles.models.follow import Follow
from profiles.models.trust import StaleTrust, Trust
from profiles.models.user import User

__all__ = ["Follow", "StaleTrust", "Trust", "User"]
