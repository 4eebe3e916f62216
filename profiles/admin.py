"""People in Django's admin: accounts and mail domains to edit; claims, evidence and the like to look at, for actions alone write them.

Trust is computed and cannot be edited, so it is not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from profiles.actions.mail_reports import pause_address, resume_address
from profiles.actions.tokens import set_plan
from profiles.evidence.domains import normalised
from profiles.models import (
    ApiToken,
    Claim,
    Digest,
    EmailDomain,
    Evidence,
    Finding,
    Follow,
    PausedAddress,
    Profile,
    SentMail,
    Suspension,
    User,
)
from profiles.models.mail import hash_of_address
from works.admin import FirstRows

if TYPE_CHECKING:
    CreationForm = AdminUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    AccountAdmin = DjangoUserAdmin[User]
else:  # Django's own classes take no parameters
    CreationForm, ChangeForm, AccountAdmin = AdminUserCreationForm, UserChangeForm, DjangoUserAdmin


class AccountCreationForm(CreationForm):
    class Meta:
        model = User
        fields = ("email",)
        field_classes: dict[str, Any] = {}


class AccountChangeForm(ChangeForm):
    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, Any] = {}


class EmailDomainForm(forms.ModelForm):
    class Meta:
        model = EmailDomain
        fields = ("domain", "kind", "institution", "note")

    def clean_domain(self) -> str:
        """As addresses are looked up: lower case, ASCII, whole labels."""
        if name := normalised(self.cleaned_data["domain"].removeprefix("@")):
            return name
        raise forms.ValidationError("This is no domain name, such as example.edu.")


@admin.register(User)
class UserAdmin(AccountAdmin):
    """Django's own user admin with the e-mail address in the place of a user name."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    ordering = ["email"]
    list_display = ["email", "date_joined", "last_login", "is_active", "is_staff"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    search_fields = ["email"]
    readonly_fields = ["date_joined", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Rights", {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        ("Days", {"fields": ["date_joined", "last_login"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser makes superusers or hands out single permissions; roles and staff are an administrator's to give."""
        fixed = super().get_readonly_fields(request, obj)
        return fixed if request.user.is_superuser else [*fixed, "is_superuser", "user_permissions", "email", "password"]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody but a superuser changes a superuser, or their own rights."""
        allowed = super().has_change_permission(request, obj)
        own = obj is not None and (obj.is_superuser or obj.pk == request.user.pk)
        return allowed and (bool(request.user.is_superuser) or not own)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002  (Django's word)
        """Whoever sets an account's password can be that account: for a superuser alone. Everybody else has a new one sent."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody: rows that fall away with an account would leave its record held by nobody. An account is closed by "active"."""
        return False

    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]})]


class ReadOnlyAdmin(admin.ModelAdmin):
    """For looking only: these rows are written by actions, each with its event, and never by hand."""

    show_full_result_count = False
    paginator = FirstRows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Follow)
class FollowAdmin(ReadOnlyAdmin):
    """People decide themselves whom they follow."""

    list_display = ["user", "author", "topic", "institution", "search", "created_at"]
    list_select_related = ["user", "author", "topic", "institution"]
    search_fields = ["user__email", "author__name"]


@admin.register(Claim)
class ClaimAdmin(ReadOnlyAdmin):
    """Decided at /review/, which is where "view on site" leads."""

    list_display = ["public_id", "author", "status", "submitted_at", "decided_at"]
    list_filter = ["status"]
    list_select_related = ["author"]
    search_fields = ["public_id__exact", "author__public_id__exact"]

    def view_on_site(self, obj: Claim) -> str:
        return reverse("profiles:review_case", args=[obj.public_id])


@admin.register(Evidence)
class EvidenceAdmin(ReadOnlyAdmin):
    list_display = ["kind", "author", "status", "source", "proved_at", "expires_on"]
    list_filter = ["kind", "status"]
    list_select_related = ["author"]
    search_fields = ["author__public_id__exact"]
    exclude = ["token_hash"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Which programs ask, and how often each may. A token's owner makes and revokes it; of others staff change the plan alone."""

    list_display = ["prefix", "name", "user", "plan", "last_used_on", "expires_at", "revoked_at"]
    list_filter = ["plan"]
    list_select_related = ["user"]
    search_fields = ["prefix__exact", "user__email"]
    fields = ["user", "name", "prefix", "scopes", "plan", "created_at", "last_used_on", "expires_at", "revoked_at"]
    readonly_fields = ["user", "name", "prefix", "scopes", "created_at", "last_used_on", "expires_at", "revoked_at"]

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        own = obj is not None and obj.user_id == request.user.pk
        return bool(request.user.has_perm("profiles.change_apitoken")) and not own

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if isinstance(request.user, User):
            set_plan(obj, plan=obj.plan, by=request.user)


@admin.register(Profile, Finding, Suspension)
class OfAnAuthorAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "author"]
    list_select_related = ["author"]
    search_fields = ["author__public_id__exact"]


@admin.register(EmailDomain)
class EmailDomainAdmin(admin.ModelAdmin):
    """The one list that staff edit here: what a mail domain is, and which institution speaks through it."""

    list_display = ["domain", "kind", "institution", "note", "updated_at"]
    list_filter = ["kind"]
    list_select_related = ["institution"]
    search_fields = ["domain__startswith"]
    raw_id_fields = ["institution"]
    show_full_result_count = False
    paginator = FirstRows
    form = EmailDomainForm


@admin.register(Digest)
class DigestAdmin(ReadOnlyAdmin):
    """The outbox of digests: which account is owed one, and what became of it."""

    list_display = ["period", "user", "state", "items", "attempts", "next_at", "settled_at"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["user__email"]


class OfAnAddressAdmin(ReadOnlyAdmin):
    """Rows that know an address by its hash: it is found when it is typed in whole, by the account's address in any case."""

    list_select_related = ["user"]
    search_fields = ["user__email"]
    exclude = ["address_hash"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(address_hash=hash_of_address(search_term)) if "@" in search_term else found), may_repeat


@admin.register(SentMail)
class SentMailAdmin(OfAnAddressAdmin):
    """What kind of mail went to which account, when, and what became of it. What it said is kept nowhere."""

    list_display = ["at", "kind", "user", "outcome", "status"]
    list_filter = ["kind", "outcome"]


class PausedAddressForm(forms.ModelForm):
    address = forms.EmailField(help_text="Only a hash of it is kept, and the account whose confirmed address it is.")

    class Meta:
        model = PausedAddress
        fields: list[str] = []


@admin.register(PausedAddress)
class PausedAddressAdmin(OfAnAddressAdmin):
    """Addresses to which no digest and no notice goes. Administrators pause one whose owner asks them to, and resume."""

    list_display = ["paused_at", "user", "reason", "status"]
    list_filter = ["reason"]
    actions = ["resume"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("profiles.add_pausedaddress")

    def has_resume_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("profiles.delete_pausedaddress")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else PausedAddressForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else [(None, {"fields": ["address"]})]

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> PausedAddress:
        """The action writes the row, or finds the one that stands."""
        assert isinstance(request.user, User)  # noqa: S101  (the admin lets nobody else in)
        form.save_m2m = lambda: None
        return pause_address(form.cleaned_data["address"], by=request.user)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """It stands already."""

    @admin.action(description="Let mail go there again", permissions=["resume"])
    def resume(self, request: HttpRequest, queryset: QuerySet[PausedAddress]) -> None:
        assert isinstance(request.user, User)  # noqa: S101
        for paused in queryset:
            resume_address(paused, by=request.user)
        self.message_user(request, "Mail goes there again.", messages.SUCCESS)
