"""Addresses of the polls."""

from django.urls import path

from polls import views

app_name = "polls"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("polls/<int:pk>/", views.detail, name="detail"),
    path("polls/<int:pk>/results/", views.results, name="results"),
    path("polls/<int:pk>/export/", views.start_export, name="start-export"),
    path("exports/<uuid:pk>/", views.export, name="export"),
    path("exports/<uuid:pk>/progress/", views.export_progress, name="export-progress"),
    path("exports/<uuid:pk>/file/", views.export_file, name="export-file"),
]
