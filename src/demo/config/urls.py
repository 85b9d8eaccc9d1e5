"""Where everything is; /healthz and /readyz are answered by config.health before this."""

from django.conf import settings
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView


class FaviconView(RedirectView):
    """Browsers ask for this wherever a page names no icon, as in the admin."""

    def get_redirect_url(self, *args: object, **kwargs: object) -> str:
        return static("polls/icon.svg")


urlpatterns = [
    path("", include("polls.urls")),
    path("admin/", admin.site.urls),
    path("favicon.ico", FaviconView.as_view()),
    path("i18n/", include("django.conf.urls.i18n")),
]
if settings.DEBUG_TOOLBAR:
    from debug_toolbar.toolbar import debug_toolbar_urls

    urlpatterns += debug_toolbar_urls()
