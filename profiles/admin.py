"""Accounts and follows in Django's admin. Trust is computed and cannot be edited, so it is not here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.http import HttpRequest

from profiles.models import Follow, User

if TYPE_CHECKING:
    CreationForm = AdminUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    AccountAdmin = DjangoUserAdmin[User]
    FollowsAdmin = admin.ModelAdmin[Follow]
else:  # Django's own classes take no parameters
    CreationForm, ChangeForm, AccountAdmin, FollowsAdmin = AdminUserCreationForm, UserChangeForm, DjangoUserAdmin, admin.ModelAdmin


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
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]})]


@admin.register(Follow)
class FollowAdmin(FollowsAdmin):
    """For looking only: people decide themselves whom they follow."""

    list_display = ["user", "author", "created_at"]
    list_select_related = ["user", "author"]
    search_fields = ["user__email", "author__name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Follow | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Follow | None = None) -> bool:
        return False
