"""Addresses of the polls."""

from django.urls import path

from polls import views

app_name = "polls"
urlpatterns = [
    path("", views.IndexView.as_view(), name="index"),
    path("polls/<int:pk>/", views.detail, name="detail"),
    path("polls/<int:pk>/results/", views.results, name="results"),
]
