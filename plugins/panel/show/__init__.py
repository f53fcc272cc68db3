"""What teachers put on the class's screen beside pictures: PDF pages, 3D models, web pages."""
